export default {
  title: 'Scheduled', add: 'Schedule a message', empty: 'No message waits for its time.', to: 'To', text: 'Text', channel: 'Channel', at: 'Goes out', due: 'now',
  cancel: 'Cancel', cancelOf: 'Cancel the message to {name}', cancelled: 'Cancelled. It will not go out.',
}
