"""The curriculum's page: the dashboard names the tiers, orders them, and leads to the months."""

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.dashboard import NamedTier, document_at, tiers_of
from curriculum.models import Document
from curriculum.pages import plan_of
from curriculum.publication import publish
from tests.cast import Cast, month_text, publish_month
from tests.curriculum.samples import FOLDER

DASHBOARD = """# All of it

## Tier 2: Depth (Months 5-8)

| Month | Topic |
|---|---|
| [08](month-08/README.md) | Design |

Also see [the first](month-01/) and [a note](notes.md).

## Tier 1 – First steps

- [Month 01](./month-01/README.md#top)
- [Month 02](month-02)

```
## Tier 9: No heading
```
"""


@pytest.mark.pure
def test_tiers_are_read_with_their_months_in_order() -> None:
    assert tiers_of(DASHBOARD, "README.md") == [
        NamedTier(2, "Depth", ("month-08/README.md", "month-01/README.md", "notes.md")),
        NamedTier(1, "First steps", ("month-01/README.md", "month-02/README.md")),
    ]
    sample = tiers_of((FOLDER / "README.md").read_bytes().decode(), "README.md")
    assert [(tier.number, tier.name, len(tier.paths)) for tier in sample] == [
        (1, "Foundations", 4),
        (2, "Specialization", 4),
        (3, "Production & Mastery", 4),
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("target", "path", "found"),
    [
        ("../month-01/", "docs/README.md", "month-01/README.md"),
        ("a%20b.md?x#y", "README.md", "a b.md"),
        ("#here", "README.md", "README.md"),
        ("../../out", "README.md", "../../out/README.md"),
    ],
)
def test_link_leads_to_a_document(target: str, path: str, found: str) -> None:
    assert document_at(target, path) == found


@pytest.fixture
def planned(cast: Cast) -> Cast:
    """Three months, of which the dashboard lists all, the later tier first."""
    for number in (1, 2):
        publish_month(cast.curriculum, month_text(number), f"month-{number:02}/README.md")
    dashboard = Document.objects.create(
        curriculum=cast.curriculum, path="README.md", kind=Document.Kind.DASHBOARD
    )
    publish(dashboard, DASHBOARD.replace("[the first](month-01/) and ", ""))
    return cast


def test_dashboard_gives_tiers_their_names_and_order(planned: Cast) -> None:
    months = plan_of(planned.curriculum.pk).months
    assert [(month.label, month.tier_number, month.tier_name) for month in months] == [
        ("Month 08", 2, "Depth"),
        ("Month 01", 1, "First steps"),
        ("Month 02", 1, "First steps"),
    ]


def test_months_keep_their_order_where_the_dashboard_lists_some_alone(planned: Cast) -> None:
    publish_month(
        planned.curriculum, month_text(3).replace("2 (Specialization)", "7 (More)"), "month-03/README.md"
    )
    months = plan_of(planned.curriculum.pk).months
    assert [month.label for month in months] == ["Month 01", "Month 02", "Month 03", "Month 08"]
    assert (months[2].tier_number, months[2].tier_name) == (7, "More")


@pytest.mark.once
def test_page_shows_the_dashboard_and_leads_to_the_months(planned: Cast, client: Client) -> None:
    client.force_login(planned.learner.user)
    address = reverse("progress:curriculum_detail", args=[planned.learner.uuid])
    assert address in client.get(reverse("progress:path")).text
    page = client.get(address).text
    month = reverse("progress:month_detail", args=[planned.learner.uuid, planned.month.slug])
    assert f'<a href="{month}">08</a>' in page
    assert "All of it" in page
    assert '<span class="link-inside" title="notes.md">a note</span>' in page
    assert page.index("Depth") < page.index("First steps")


@pytest.mark.once
def test_title_that_both_have_is_said_once(planned: Cast, client: Client) -> None:
    address = reverse("progress:curriculum_detail", args=[planned.learner.uuid])
    client.force_login(planned.learner.user)
    assert "<h2>All of it</h2>" in client.get(address).text
    planned.curriculum.title = "All of it"
    planned.curriculum.save()
    page = client.get(address).text
    assert "<h1>All of it</h1>" in page
    assert "<h2>All of it</h2>" not in page


@pytest.mark.once
def test_page_without_a_dashboard_has_the_months(cast: Cast, client: Client) -> None:
    client.force_login(cast.mentor)
    page = client.get(reverse("progress:curriculum_detail", args=[cast.learner.uuid])).text
    assert reverse("progress:month_detail", args=[cast.learner.uuid, cast.month.slug]) in page


@pytest.mark.once
def test_title_of_a_link_is_no_way_into_the_page(cast: Cast, client: Client) -> None:
    text = DASHBOARD + '\n[<b>x</b>](month-08/README.md"onclick="x)\n\n[y](<month-08/README.md?"><script>>)\n'
    document = Document.objects.create(
        curriculum=cast.curriculum, path="README.md", kind=Document.Kind.DASHBOARD
    )
    publish(document, text)
    client.force_login(cast.learner.user)
    page = client.get(reverse("progress:curriculum_detail", args=[cast.learner.uuid])).text
    body = page[page.index("All of it") :]
    assert "<script" not in body
    assert "<b>" not in body
    assert 'title="month-08/README.md%22onclick=%22x"' in body
