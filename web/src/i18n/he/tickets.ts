export default {
  title: 'פניות', all: 'כל הפניות', add: 'פנייה חדשה', open: 'פתיחת פנייה', edit: 'עריכת הפנייה', save: 'שמירת הפנייה', saved: 'נשמר.', search: 'חיפוש לפי נושא',
  subject: 'נושא', body: 'במה מדובר', status: 'מצב', priority: 'עדיפות', department: 'מחלקה', assignee: 'באחריות', nobody: 'אף אחד', opened: 'נפתחה', since: 'נפתחה {time}',
  statuses: { open: 'פתוחה', pending: 'בהמתנה', answered: 'נענתה', closed: 'סגורה' },
  priorities: { low: 'נמוכה', medium: 'בינונית', high: 'גבוהה', urgent: 'דחופה' },
  filters: { anyStatus: 'כל מצב', anyPriority: 'כל עדיפות', anyPerson: 'של כולם', inState: 'במצב {state}', ofPriority: 'בעדיפות {name}', of: 'באחריות {name}', ofNobody: 'ללא אחראי', matching: 'עם ”{text}“' },
  empty: 'עדיין אין פניות. כאן שומרים מה שנמשך יותר מצ׳אט.', none: 'לא נמצאו פניות מתאימות.', missing: 'אין פנייה כזו.',
  replies: 'תשובות', noReplies: 'עדיין אף אחד לא השיב.', write: 'כתיבת תשובה', answer: 'תשובה', answered: 'התשובה נוספה.', fromCustomer: 'אלה דברי הלקוח', customer: 'לקוח',
  delete: 'מחיקת הפנייה', deleted: 'נמחקה.', deleteAsk: { title: 'למחוק את הפנייה הזו?', details: 'גם התשובות שלה יימחקו. אי אפשר לבטל את הפעולה.' },
}
