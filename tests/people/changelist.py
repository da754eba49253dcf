"""The admin's lists of people and cohorts, as tests work with them."""

from django.test import Client
from django.urls import reverse


def act(client: Client, model: str, action: str, *rows: int, **extra: object) -> str:
    """What the list's page says after an action on these rows."""
    url = reverse(f"admin:people_{model}_changelist")
    answer = client.post(url, {"action": action, "_selected_action": rows, **extra}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()
