export default {
  title: 'Messages',
  list: 'Messages',
  export: 'Export',
  columns: { person: 'Person', message: 'Message', state: 'State', when: 'When' },
  filters: {
    open: 'Filters', subject: 'Messages', any: 'Any', status: 'State', channel: 'Channel', template: 'Template', tag: 'Tag', direction: 'Direction', from: 'From', until: 'Until', to: 'Number',
    in: 'Received', out: 'Sent by you', isIn: 'that came in', isOut: 'that went out', inState: 'in the state {state}', onChannel: 'on {name}', ofTemplate: 'of the template {name}', withTag: 'with the tag {name}', withNumber: 'with {number}', since: 'since {time}', before: 'until {time}', ofCampaign: 'of campaign {id}',
  },
  empty: 'No messages yet. What you send and receive shows here.',
  emptyAct: 'Go to the inbox',
  none: 'No message matches.',
  detail: { title: 'Message', why: 'Why it failed', remedy: 'What to do', provider: 'The provider on {code}', facts: 'Facts', channel: 'Channel', category: 'Category', template: 'Template', tag: 'Tag', source: 'Sent by', attempts: 'Attempts', providerId: 'The network’s id', created: 'Made', scheduled: 'Due', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Failed', campaign: 'Show the campaign', contact: 'Show the contact', chat: 'Show the chat', retry: 'Send again', retried: 'It is on its way again, as a new message.', cancel: 'Cancel message', cancelled: 'Cancelled. It will not go out.', content: 'Content' },
  missing: 'There is no such message.',
}
