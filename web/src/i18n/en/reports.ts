export default {
  title: 'Reports',
  span: { label: 'Days', last: 'Last day | Last {count} days' },
  by: { label: 'By', day: 'Day', profile: 'Channel', template: 'Template', tag: 'Tag', campaign: 'Campaign', category: 'Category', status: 'State' },
  channel: 'Channel', anyChannel: 'All channels', days: 'Days are in UTC.',
  cards: { received: 'Received', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Failed', pending: 'Waiting' },
  ofSent: '{share} of sent', ofOut: '{share} of all that went out',
  chart: 'Messages by day', table: 'The same as a table', in: 'In', out: 'Out',
  columns: { name: 'Name', received: 'Received', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Failed', skipped: 'Left out', pending: 'Waiting' },
  empty: 'Nothing was sent or received in this time.',
  none: 'None',
  channels: 'Channels',
  responses: {
    title: 'Response times', about: 'How long people waited for an answer by a person. What automations and campaigns send does not count.', none: 'Nobody wrote in this time.',
    by: { agent: 'Agent', team: 'Team', profile: 'Channel', day: 'Day' }, first: 'First answer', all: 'All answers', count: 'Number', median: 'Median', p90: '90 % within',
    waiting: 'Waiting', unanswered: 'Not answered', together: 'Together', nobody: 'Nobody', noTeam: 'No team', phone: 'At the phone', program: 'Program', gone: 'Removed member',
  },
  requests: { title: 'Requests to the APIs', none: 'No program has called in this time.', call: 'Call', api: 'API', count: 'Calls' },
}
