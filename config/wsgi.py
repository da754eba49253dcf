"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.sqlite import stay_open  # noqa: E402 (it needs the settings)

held = stay_open()

# What was loaded stays for as long as the process: looking through it for garbage, in every full collection, finds
# nothing, takes as long as drawing several pages, and copies the pages of memory that workers share with their parent.
gc.collect()
gc.freeze()
# A page makes tens of thousands of objects that are gone with it: looked through once a page, not every 700 of them.
gc.set_threshold(20_000, 10, 10)
