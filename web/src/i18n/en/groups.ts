export default {
  title: 'Groups', all: 'All groups', groups: 'Groups', newsletters: 'Newsletters', add: 'New group', made: 'The group was made.', refresh: 'Ask the network for groups', refreshed: 'The list is as the network has it now.',
  name: 'Name', description: 'Description', people: 'People', writes: 'Who writes', members: '{count} person | {count} people', admins: 'Admins', everybody: 'Everybody',
  noChannel: 'None of the channels has groups.', empty: 'This channel is in no group.', noNewsletters: 'This channel has no newsletter.', missing: 'There is no such group.',
  numbers: 'Numbers with country code', numbersHelp: 'One a line, or with commas between: {count} number | One a line, or with commas between: {count} numbers', addPeople: 'Add', added: 'Added.', remove: 'Remove from the group', removed: 'Removed.',
  admin: 'Admin', promote: 'Make an admin', promoted: 'Is an admin now.', demote: 'Take the admin’s rights', demoted: 'Is no admin any more.', more: 'More for {name}',
  onlyAdmins: 'Only admins write here.', allWrite: 'Everybody in it may write.', rename: 'Name and description', save: 'Save group', saved: 'Saved.',
  link: 'Invitation link', showLink: 'Show the link', revoke: 'Make a new link', revoked: 'The old link leads nowhere any more.', requests: 'Ask to join', showRequests: 'Show who asks', noRequests: 'Nobody asks.', letIn: 'Let in',
  leave: 'Leave the group', left: 'The channel has left the group.', leaveAsk: { title: 'Leave “{name}”?', details: 'The channel gets nothing more from it. To come back somebody has to add it.' },
}
