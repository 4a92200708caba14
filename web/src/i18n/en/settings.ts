export default {
  title: 'Settings',
  workspace: { title: 'Workspace', name: 'Name', channel: 'Default channel', channelHelp: 'Used where a program or a person names no channel.', none: 'None', save: 'Save workspace', saved: 'The workspace was saved.', readOnly: 'Only whoever may change the workspace can change this.' },
  cap: { title: 'Marketing', on: 'Limit how much marketing a person gets', help: 'Campaigns, sequences and single sends count together, on all channels. Campaigns leave out who has had enough; sequences wait.', messages: 'Messages at most', days: 'Within days', save: 'Save limit', saved: 'Saved.' },
  safety: { title: 'Safety', factor: 'Everybody must have a second factor', factorHelp: 'Members without one can do nothing until they have set one up.', saved: 'Saved.', own: 'Set up your own second factor first.' },
}
