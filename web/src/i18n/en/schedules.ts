export default {
  title: 'Scheduled', add: 'Schedule a message', empty: 'No message waits for its time.', to: 'To', text: 'Text', channel: 'Channel', at: 'Goes out', zone: 'In the time zone of the workspace: {zone}', past: 'This time is past.', due: 'now',
  cancel: 'Cancel', cancelOf: 'Cancel the message to {name}', cancelled: 'Cancelled. It will not go out.',
}
