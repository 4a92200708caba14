export default {
  title: 'Audit log',
  list: 'Who did what',
  export: 'Export as CSV',
  exported: 'The log was saved.',
  columns: { who: 'Who', what: 'What', target: 'On', from: 'From', when: 'When' },
  filters: { open: 'Filters', action: 'Action', actor: 'Who', target: 'On', from: 'From', until: 'Until', subject: 'Entries', any: 'Any action', withAction: 'of the action {name}', byActor: 'by {name}', onTarget: 'on {name}', since: 'since {time}', before: 'until {time}' },
  empty: 'Nothing has been changed yet.',
  none: 'No entry matches.',
  detail: 'Entry',
  data: 'What was changed',
  address: 'Address',
  noData: 'Nothing more is kept of it.',
}
