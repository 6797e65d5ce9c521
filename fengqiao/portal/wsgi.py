"""The portal as a WSGI application."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from fengqiao.portal import outbound

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fengqiao.portal.settings")
application = get_wsgi_application()
outbound.close(settings.ENVIRONMENT)
