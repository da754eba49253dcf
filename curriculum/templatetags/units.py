"""Counts of a curriculum's months, in its own words."""

from django import template

from curriculum.units import Units

register = template.Library()


@register.filter
def counted(units: Units, number: int) -> str:
    """So many of them, such as "2 modules"."""
    return units.counted(number)
