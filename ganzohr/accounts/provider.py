"""Talking to the employer's own sign-in by OpenID Connect, stricter than allauth does by itself.

The id token is required, its signature and nonce are checked, and what the provider says about the person must be about
the same subject. allauth checks state, PKCE, issuer, audience and time. Registered by allauth because of its file name.
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from ganzohr.core import crypto

NONCE = "oidc_nonce"


class Connection(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One way to the provider and back."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Whom the provider vouches for; without an id token nobody."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no id token")
        login = super().complete_login(request, app, token, **kwargs)
        said = login.account.extra_data
        if said["userinfo"].get("sub") != said["id_token"].get("sub"):
            raise OAuth2Error("userinfo is about somebody else")
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        try:
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=config["jwks_uri"],
                issuer=config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, ValueError) as error:
            raise OAuth2Error("unreadable id token or keys") from error
        expected = self.request.session.pop(NONCE, None)
        if not expected or claims.get("nonce") != expected:
            raise OAuth2Error("wrong nonce")
        return claims


class OpenIDConnect(OpenIDConnectProvider):  # type: ignore[misc]
    """The provider of the settings; the way to it always carries PKCE and a nonce, and nothing from our address."""

    oauth2_adapter_class: ClassVar[type[Connection]] = Connection
    pkce_enabled_default = True

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, str]:
        """A nonce, remembered in the session."""
        request.session[NONCE] = crypto.new_token()
        return {**self.get_auth_params(), "nonce": request.session[NONCE]}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Always the same."""
        return list(self.get_scope())


provider_classes = [OpenIDConnect]
