"""The one door for people: signing in and changing the password, with a wait that grows with every failure."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth import views as accounts
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse_lazy

from project.throttling import ADDRESS, NAME, TooManyTries, Tries, address_of

METHODS = ["get", "head", "options", "post"]


class Guarded(Form):
    """A form that checks a password; ``wait``: seconds, where it was not looked at."""

    wait = 0

    def begin(self, tries: Tries) -> None:
        try:
            tries.begin()
        except TooManyTries as refused:
            self.wait = refused.seconds
            raise ValidationError(str(refused), code="too_many_tries") from refused


class SignInForm(Guarded, AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        # The address goes first: one that has to wait cannot make its victim wait too.
        tries = Tries((ADDRESS, address_of(self.request) if self.request else ""), (NAME, name))
        self.begin(tries)
        cleaned: dict[str, Any] = super().clean()
        tries.succeeded()
        return cleaned


class PasswordForm(Guarded, PasswordChangeForm):
    """Who finds an open session must not guess the password with it either."""

    def clean_old_password(self) -> str:
        tries = Tries((NAME, self.user.get_username()))
        self.begin(tries)
        old: str = super().clean_old_password()
        tries.succeeded()
        return old


class Refusing:
    """Answers 429 with ``Retry-After`` while its form has to wait."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if form.wait:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response.headers["Retry-After"] = str(form.wait)
        return response


class SignIn(Refusing, accounts.LoginView):
    http_method_names = METHODS
    form_class = SignInForm
    template_name = "login.html"


class ChangePassword(Refusing, accounts.PasswordChangeView):
    """Ends every other session of the user."""

    http_method_names = METHODS
    form_class = PasswordForm
    template_name = "password.html"
    success_url = reverse_lazy("profile")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request, "Your password is changed. Other places where you were signed in are signed out."
        )
        return response
