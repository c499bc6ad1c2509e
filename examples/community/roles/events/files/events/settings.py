import json

with open("/etc/events/settings.json") as file:
    given = json.load(file)

SECRET_KEY = given["secret_key"]
TITLE = given["title"]
ALLOWED_HOSTS = given["names"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"connect_timeout": 5},
        **given["database"],
    }
}
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["pages"]
LANGUAGE_CODE = "en-gb"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "events.urls"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
]
TIME_ZONE = "UTC"
USE_TZ = True
WSGI_APPLICATION = "events.wsgi.application"
