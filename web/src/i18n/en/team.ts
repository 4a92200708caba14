export default {
  title: 'Team',
  tabs: { members: 'Members', invitations: 'Invitations', departments: 'Departments', roles: 'Roles' },
  members: 'Members',
  alone: 'Nobody else is here yet. Invite whoever answers with you.',
  you: 'You',
  never: 'Has not signed in yet',
  seen: 'Signed in {time}',
  off: 'Switched off',
  role: 'Role of {name}',
  more: 'More for {name}',
  roles: { owner: 'Owner', admin: 'Admin', agent: 'Agent', key: 'Program' },
  about: {
    owner: 'May do everything, and alone deals with owners.',
    admin: 'May do all that an owner may, but change or remove owners.',
    agent: 'Answers chats, keeps contacts and tickets, and sees templates, campaigns and channels.',
  },
  rights: 'What this role may do',
  acts: { invite: 'Invite somebody', disable: 'Switch off', enable: 'Switch on', password: 'Set a new password', factor: 'Remove their second factor', remove: 'Remove from the team' },
  done: {
    role: '{name} is {role} now.', disabled: '{name} was switched off: sessions and API keys stop.', enabled: '{name} was switched on.', password: 'The password of {name} was set.', factor: '{name} signs in without a second factor now.', removed: '{name} was removed.',
  },
  removeAsk: { title: 'Remove {name}?', details: 'Their sessions end and the API keys that they made stop at once. Chats, notes and what else they made stays.', act: 'Remove {name}' },
  factorAsk: { title: 'Remove the second factor of {name}?', details: 'For somebody who has lost phone and recovery codes. From now on their password alone signs them in.', act: 'Remove the second factor' },
  passwordAsk: { title: 'New password for {name}', details: 'All sessions of {name} end. Hand the password over in a safe way.', act: 'Set password' },
  invite: {
    title: 'Invite somebody', email: 'E-mail address', role: 'Role', act: 'Make an invitation', done: 'Hand this link to {email}. It is shown only now and is good for seven days.', link: 'Invitation link', copy: 'Copy link',
    none: 'No invitation is open.', expires: 'Good until {time}', expired: 'Has expired', withdraw: 'Withdraw the invitation of {email}', withdrawn: 'The invitation of {email} was withdrawn.',
  },
  departments: { none: 'No department yet. Tickets go to departments.', name: 'Name of the department', add: 'Add', rename: 'Rename {name}', remove: 'Delete {name}', added: '{name} was added.', renamed: 'Renamed.', removed: '{name} was deleted.', removeAsk: 'Tickets of this department stay, without a department.' },
  join: {
    title: 'Join the team', about: 'Choose a password, and you are in.', act: 'Join', done: 'You are in. Sign in with your new password.', missing: 'This address has no invitation in it. Open the whole link that you were given.', gone: 'This invitation is not good any more. Ask for a new one.',
  },
}
