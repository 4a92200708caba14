"""A channel's view keeps the configuration's secrets to itself."""

from __future__ import annotations

import msgspec
import pytest

from jackfield.core import Core

TOKEN = "EAAG-secret-token"


async def test_secrets_show_in_no_repr_and_cannot_be_encoded(core: Core, workspace: int) -> None:
    made = await core.channels.create(
        workspace,
        name="Shop",
        engine="whatsapp_cloud",
        config={"phoneNumberId": "123", "accessToken": TOKEN},
    )
    assert (made.engine, made.network) == ("whatsapp_cloud", "whatsapp")
    for view in (made, await core.channels.get(workspace, made.id), *await core.channels.list(workspace)):
        assert TOKEN not in repr(view)
        assert TOKEN not in str(view)
        with pytest.raises(TypeError):
            msgspec.json.encode(view)
        opened = core.channels.config_of(view)
        assert opened.model_dump()["access_token"].get_secret_value() == TOKEN
    found = await core.channels.find(made.id)
    assert found is not None
    assert found.name == "Shop"
    assert await core.channels.find(made.id + 1000) is None


async def test_without_an_engine_the_registry_s_first_is_taken(core: Core, workspace: int) -> None:
    assert (await core.channels.create(workspace, name="One")).engine == next(iter(core.engines))


async def test_a_view_says_whether_its_people_are_made_up(core: Core, workspace: int) -> None:
    made_up = await core.channels.create(workspace, name="Try", engine="simulator")
    real = await core.channels.create(
        workspace, name="Shop", engine="whatsapp_cloud", config={"phoneNumberId": "123", "accessToken": TOKEN}
    )
    assert (made_up.simulated, real.simulated) == (True, False)
