"""A client of the app in this process, let in or not."""

import warnings

from syntony.app.visitors import Visitor

BASE = "http://127.0.0.1"


def test_client(app, **options):
    """A client in this process; importing it warns of a successor that we do not need."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        from starlette.testclient import TestClient
    return TestClient(app, base_url=BASE, **options)


test_client.__test__ = False


def let_in_as(client, name):
    """Log a client in by an account that there is, without its password."""
    account, version = client.app.state.accounts.find(name)
    return let_in(client, account.visitor, version)


def let_in(client, visitor=None, version=0):
    """Log a client in: as the one person of the study, or as a visitor; its token is sent."""
    state = client.app.state
    cookie = state.visitors.let_in(visitor or Visitor(name="local", role="owner"), version)
    client.cookies.set(state.home.cookie, cookie)
    client.headers["X-Syntony-Token"] = state.visitors.csrf(cookie)
    return client
