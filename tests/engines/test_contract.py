"""Every engine passes the engine contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jackfield.engines.simulator.engine import forget_worlds
from jackfield.testing.engine_contract import Adapter, EngineContract
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from .contract_networks import CloudNetwork, SimulatorNetwork, TelegramNetwork, TelegramWebhookNetwork
from .contract_phone import PhoneNetwork


@pytest.fixture(scope="module")
def networks() -> Iterator[SimulatorProcess]:
    """One stand-alone simulator; every test has an account of its own on it."""
    with simulator_process("--delay-scale", "0.1") as running:
        yield running


class TestSimulatorInProcess(EngineContract):
    """The simulator with its network in this process."""

    @pytest.fixture
    def adapter(self) -> Iterator[Adapter]:
        yield SimulatorNetwork()
        forget_worlds()


class TestSimulatorStandAlone(EngineContract):
    """The simulator with its network in a process of its own."""

    @pytest.fixture
    def adapter(self, networks: SimulatorProcess) -> Adapter:
        return SimulatorNetwork(networks.url)


class TestWhatsAppCloud(EngineContract):
    """The Cloud API over HTTP."""

    @pytest.fixture
    def adapter(self, networks: SimulatorProcess) -> Adapter:
        return CloudNetwork(networks)


class TestTelegramPolling(EngineContract):
    """The Bot API over HTTP, polling."""

    @pytest.fixture
    def adapter(self, networks: SimulatorProcess) -> Adapter:
        return TelegramNetwork(networks)


class TestTelegramWebhook(EngineContract):
    """The Bot API over HTTP, called back."""

    @pytest.fixture
    def adapter(self, networks: SimulatorProcess) -> Adapter:
        return TelegramWebhookNetwork(networks)


class TestWhatsAppWeb(EngineContract):
    """A paired phone, which is a fake."""

    @pytest.fixture
    def adapter(self) -> Adapter:
        return PhoneNetwork()
