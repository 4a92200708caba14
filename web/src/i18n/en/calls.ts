export default {
  title: 'Calls', search: 'Search by number', state: 'State', anyState: 'Any state', statuses: { ringing: 'Ringing', rejected: 'Refused', missed: 'Missed', ended: 'Ended' },
  columns: { from: 'Caller', state: 'State', length: 'Length', channel: 'Channel', when: 'When' }, video: 'Video call',
  empty: 'Nobody has called yet.', none: 'No call matches.', reject: 'Refuse', rejected: 'The call was refused.',
  settings: { title: 'How calls are answered', reject: 'Refuse every call at once', rejectHelp: 'Nobody can pick up a phone here.', message: 'What the caller is told', messageHelp: 'Sent as a message; empty: nothing.', save: 'Save', saved: 'Saved.' },
}
