"""The demo: three months, one cohort mid-way, and small real files of each form."""
