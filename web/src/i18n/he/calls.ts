export default {
  title: 'שיחות טלפון', search: 'חיפוש לפי מספר', state: 'מצב', anyState: 'כל מצב', statuses: { ringing: 'מצלצלת', rejected: 'נדחתה', missed: 'לא נענתה', ended: 'הסתיימה' },
  columns: { from: 'מתקשר', state: 'מצב', length: 'משך', channel: 'ערוץ', when: 'מתי' }, video: 'שיחת וידאו',
  empty: 'עדיין אף אחד לא התקשר.', none: 'לא נמצאו שיחות מתאימות.', reject: 'דחייה', rejected: 'השיחה נדחתה.',
  settings: { title: 'מענה לשיחות', reject: 'דחיית כל שיחה מיד', rejectHelp: 'אי אפשר לענות מכאן לשיחת טלפון.', message: 'מה לומר למתקשרים', messageHelp: 'נשלח כהודעה; ריק: לא נשלח דבר.', save: 'שמירה', saved: 'נשמר.' },
}
