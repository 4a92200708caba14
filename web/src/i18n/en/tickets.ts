export default {
  title: 'Tickets', all: 'All tickets', add: 'New ticket', open: 'Open ticket', edit: 'Edit ticket', save: 'Save ticket', saved: 'Saved.', search: 'Search by subject',
  subject: 'Subject', body: 'What it is about', status: 'State', priority: 'Priority', department: 'Department', assignee: 'Assigned to', nobody: 'Nobody', opened: 'Opened', since: 'Opened {time}',
  statuses: { open: 'Open', pending: 'Pending', answered: 'Answered', closed: 'Closed' },
  priorities: { low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' },
  filters: { anyStatus: 'Any state', anyPriority: 'Any priority', anyPerson: 'Anybody’s', inState: 'that are {state}', ofPriority: 'of priority {name}', of: 'assigned to {name}', ofNobody: 'assigned to nobody', matching: 'matching “{text}”' },
  empty: 'No tickets yet. Keep here what takes longer than a chat.', none: 'No ticket matches.', missing: 'There is no such ticket.',
  replies: 'Answers', noReplies: 'Nobody has answered yet.', write: 'Write an answer', answer: 'Answer', answered: 'The answer was added.', fromCustomer: 'It is what the customer said', customer: 'Customer',
  delete: 'Delete ticket', deleted: 'Deleted.', deleteAsk: { title: 'Delete this ticket?', details: 'Its answers are deleted too. This cannot be undone.' },
}
