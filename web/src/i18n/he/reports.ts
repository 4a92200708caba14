export default {
  title: 'דוחות',
  span: { label: 'ימים', last: 'היום האחרון | היומיים האחרונים | {count} הימים האחרונים' },
  by: { label: 'לפי', day: 'יום', profile: 'ערוץ', template: 'תבנית', tag: 'תווית', campaign: 'קמפיין', category: 'קטגוריה', status: 'מצב' },
  channel: 'ערוץ', anyChannel: 'כל הערוצים', days: 'הימים לפי UTC.',
  cards: { received: 'התקבלו', sent: 'נשלחו', delivered: 'נמסרו', read: 'נקראו', failed: 'נכשלו', pending: 'ממתינות' },
  ofSent: '{share} מהנשלחות', ofOut: '{share} מכל מה שיצא',
  chart: 'הודעות לפי יום', table: 'אותם נתונים בטבלה', in: 'נכנסות', out: 'יוצאות',
  columns: { name: 'שם', received: 'התקבלו', sent: 'נשלחו', delivered: 'נמסרו', read: 'נקראו', failed: 'נכשלו', skipped: 'הושמטו', pending: 'ממתינות' },
  empty: 'בתקופה הזו לא נשלח ולא התקבל דבר.',
  none: 'ללא',
  channels: 'ערוצים',
  responses: {
    title: 'זמני תגובה', about: 'כמה זמן חיכו אנשים לתשובה של אדם. מה שאוטומציות וקמפיינים שולחים אינו נספר.', none: 'איש לא כתב בתקופה הזו.',
    by: { agent: 'נציג', team: 'צוות', profile: 'ערוץ', day: 'יום' }, first: 'תשובה ראשונה', all: 'כל התשובות', count: 'מספר', median: 'חציון', p90: '90% בתוך',
    waiting: 'ממתינים', unanswered: 'לא נענו', together: 'סך הכול', nobody: 'איש', noTeam: 'ללא צוות', phone: 'בטלפון', program: 'תוכנה', gone: 'חבר צוות שהוסר',
  },
  requests: { title: 'בקשות לממשקי ה־API', none: 'אף תוכנה לא קראה בתקופה הזו.', call: 'קריאה', api: 'API', count: 'קריאות' },
}
