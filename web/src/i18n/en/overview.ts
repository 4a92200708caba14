export default {
  title: 'Overview',
  today: 'Today',
  quiet: 'Nothing was sent or received yet today.',
  cards: { received: 'Received', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Failed', waiting: 'Waiting to be sent', unanswered: 'Chats without an answer' },
  of: '{part} of {whole}', ofOut: '{share} of all that went out', oldest: 'The oldest since {time}', closing: 'The window of {count} closes soon | The windows of {count} close soon',
  channels: 'Channels', noChannels: 'No channel is connected yet.',
  webhook: 'This webhook does not work:',
  failures: 'Why messages failed today', noFailures: 'No message failed today.', newest: 'Of the newest 200 failures.',
  campaigns: 'Campaigns under way',
}
