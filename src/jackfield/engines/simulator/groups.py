"""Groups and newsletters of one account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec

from jackfield.core.port import GroupChanged, GroupInfo, GroupParticipant, Report

from . import people, seeddata


class GroupProblem(Exception):
    """Why something cannot be done to a group: `code` as WhatsApp's server gives it (403, 404), and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Groups:
    """Groups by JID. Changes made by others (`tell` true) are told to the account."""

    def __init__(
        self, seed: int, key: str, own: str, now_ms: Callable[[], int], tell: Callable[[Report], None]
    ) -> None:
        self._seed = seed
        self._key = key
        self._own = own
        self._now = now_ms
        self._tell = tell
        self._by_address: dict[str, GroupInfo] = {}
        self._links: dict[str, int] = {}
        self._asking: dict[str, dict[str, None]] = {}
        self._made = 0
        for row in seeddata.raw()["groups"]:
            members = [
                GroupParticipant(address=number, name=people.name_of(seed, number), is_admin=False)
                for number in (self._number(f"{row['name']}:{n}") for n in range(row["members"]))
            ]
            admin = bool(row["admin"])
            if row["kind"] == "group":
                boss = GroupParticipant(address=own, is_admin=admin, is_super_admin=admin)
                if not admin:
                    members[0] = msgspec.structs.replace(members[0], is_admin=True, is_super_admin=True)
                members = [boss, *members]
            self._add(
                name=row["name"],
                kind=row["kind"],
                description=row["description"],
                owner=own if admin else (members[1].address if len(members) > 1 else None),
                read_only=bool(row.get("read_only", False)),
                participants=members if row["kind"] == "group" else None,
                created_at=1_735_689_600_000,
            )

    def _number(self, of: str) -> str:
        digits = int.from_bytes(blake2b(f"{self._seed}:{of}".encode(), digest_size=6).digest()) % 10**9
        return f"628{digits:09d}"

    def _add(
        self,
        *,
        name: str,
        kind: str,
        description: str | None,
        owner: str | None,
        read_only: bool,
        participants: list[GroupParticipant] | None,
        created_at: int,
    ) -> GroupInfo:
        self._made += 1
        of = f"{self._seed}:{self._key}:{kind}:{self._made}"
        digits = int.from_bytes(blake2b(of.encode(), digest_size=7).digest()) % 10**15
        address = f"120363{digits:015d}@{'g.us' if kind == 'group' else 'newsletter'}"
        info = GroupInfo(
            address=address,
            name=name,
            kind=kind,
            description=description,
            owner=owner,
            created_at=created_at,
            read_only=read_only,
            participants=participants,
        )
        self._by_address[address] = info
        return info

    def all(self, kind: str = "group") -> list[GroupInfo]:
        """Those that the account has not left."""
        return [group for group in self._by_address.values() if group.kind == kind and not group.left]

    def find(self, address: str) -> GroupInfo | None:
        """The group, also if it was left; None if there is none."""
        return self._by_address.get(address)

    def get(self, address: str) -> GroupInfo:
        """Raises GroupProblem 404 for a group that is not there or was left."""
        group = self._by_address.get(address)
        if group is None or group.left:
            raise GroupProblem("404", f"There is no group {address}, or this number is not in it.")
        return group

    def writable(self, address: str) -> GroupInfo:
        """The group, which the account may write to. Raises GroupProblem 403 or 404."""
        group = self.get(address)
        if group.read_only:
            raise GroupProblem("403", f"Only admins may write in {group.name}.")
        return group

    def _governed(self, address: str) -> GroupInfo:
        group = self.get(address)
        mine = next((p for p in group.participants or [] if p.address == self._own), None)
        if group.kind == "group" and not (mine and (mine.is_admin or mine.is_super_admin)):
            raise GroupProblem("403", f"Only admins may change {group.name}.")
        return group

    def create(
        self, name: str, participants: Sequence[str], description: str | None = None, kind: str = "group"
    ) -> GroupInfo:
        """A new group with the account as its owner. Raises GroupProblem 400 without a name."""
        if not name.strip() or len(name) > 100:
            raise GroupProblem("400", "A group's name must have 1 to 100 characters.")
        members = [GroupParticipant(address=self._own, is_admin=True, is_super_admin=True)]
        members += [self._member(address) for address in dict.fromkeys(participants) if address != self._own]
        return self._add(
            name=name,
            kind=kind,
            description=description,
            owner=self._own,
            read_only=False,
            participants=members if kind == "group" else None,
            created_at=self._now(),
        )

    def _member(self, address: str) -> GroupParticipant:
        return GroupParticipant(address=address, name=people.name_of(self._seed, address))

    def update(self, address: str, *, name: str | None = None, description: str | None = None) -> GroupInfo:
        """Change name and description where given."""
        group = self._governed(address)
        if name is not None and not name.strip():
            raise GroupProblem("400", "A group's name must not be empty.")
        return self._replace(
            msgspec.structs.replace(
                group,
                name=group.name if name is None else name,
                description=group.description if description is None else description,
            )
        )

    def change(self, address: str, participants: Sequence[str], action: str) -> GroupInfo:
        """Add, remove, promote or demote. Raises GroupProblem 404 for one who is not in it, 400 for another action."""
        group = self._governed(address)
        members = {member.address: member for member in group.participants or []}
        if action not in ("add", "remove", "promote", "demote"):
            raise GroupProblem("400", f"A participant can be added, removed, promoted or demoted, not {action!r}.")
        for who in participants:
            if action == "add":
                self._asking.get(address, {}).pop(who, None)
                members.setdefault(who, self._member(who))
                continue
            if who not in members:
                raise GroupProblem("404", f"{who} is not in {group.name}.")
            if action == "remove":
                del members[who]
            else:
                members[who] = msgspec.structs.replace(members[who], is_admin=action == "promote")
        return self._replace(msgspec.structs.replace(group, participants=list(members.values())))

    def leave(self, address: str) -> None:
        """The account leaves."""
        group = self.get(address)
        members = [member for member in group.participants or [] if member.address != self._own]
        self._replace(
            msgspec.structs.replace(group, left=True, participants=None if group.participants is None else members)
        )

    def invite_link(self, address: str, *, revoke: bool = False) -> str:
        """The link to join; `revoke` makes the old one void."""
        group = self._governed(address)
        self._links[address] = self._links.get(address, 0) + int(revoke)
        digest = blake2b(f"{group.address}:{self._links[address]}".encode(), digest_size=11).hexdigest()
        return f"https://chat.whatsapp.com/{digest}"

    def asking(self, address: str) -> list[str]:
        """Who asks to be let in, oldest first; "add" lets them in."""
        return list(self._asking.get(self._governed(address).address, {}))

    def asks(self, address: str, who: str) -> list[str]:
        """Somebody asks to be let into a group; gives all who do. Raises GroupProblem 400 for who is in it already."""
        group = self.get(address)
        if any(member.address == who for member in group.participants or []):
            raise GroupProblem("400", f"{who} is in {group.name} already.")
        self._asking.setdefault(address, {})[who] = None
        return list(self._asking[address])

    def joined(self, name: str, participants: Sequence[str] = (), *, read_only: bool = False) -> GroupInfo:
        """Somebody adds the account to a new group of theirs; told to the account."""
        owner = participants[0] if participants else self._number(f"owner:{name}")
        members = [GroupParticipant(address=owner, is_admin=True, is_super_admin=True)]
        members += [self._member(address) for address in participants[1:]]
        members.append(GroupParticipant(address=self._own))
        group = self._add(
            name=name,
            kind="group",
            description=None,
            owner=owner,
            read_only=read_only,
            participants=members,
            created_at=self._now(),
        )
        self._tell(GroupChanged(group=group))
        return group

    def renamed(self, address: str, name: str) -> GroupInfo:
        """Somebody else renames a group; told to the account."""
        group = self._replace(msgspec.structs.replace(self.get(address), name=name))
        self._tell(GroupChanged(group=group))
        return group

    def _replace(self, group: GroupInfo) -> GroupInfo:
        self._by_address[group.address] = group
        return group
