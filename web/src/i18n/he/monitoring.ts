export default {
  title: 'הודעות',
  list: 'הודעות',
  export: 'ייצוא',
  columns: { person: 'אדם', message: 'הודעה', state: 'מצב', when: 'מתי' },
  filters: {
    open: 'מסננים', subject: 'הודעות', any: 'הכול', status: 'מצב', channel: 'ערוץ', template: 'תבנית', tag: 'תווית', direction: 'כיוון', from: 'מתאריך', until: 'עד תאריך', to: 'מספר',
    in: 'התקבלו', out: 'נשלחו על ידך', isIn: 'שהתקבלו', isOut: 'שנשלחו', inState: 'במצב {state}', onChannel: 'בערוץ {name}', ofTemplate: 'של התבנית {name}', withTag: 'עם התווית {name}', withNumber: 'עם {number}', since: 'מאז {time}', before: 'עד {time}', ofCampaign: 'של קמפיין {id}',
  },
  empty: 'עדיין אין הודעות. מה שתשלחו ותקבלו יופיע כאן.',
  emptyAct: 'לדואר הנכנס',
  none: 'לא נמצאו הודעות מתאימות.',
  detail: { title: 'הודעה', why: 'למה נכשלה', remedy: 'מה לעשות', provider: 'מה הספק אומר על {code}', facts: 'פרטים', channel: 'ערוץ', category: 'קטגוריה', template: 'תבנית', tag: 'תווית', source: 'נשלחה על ידי', attempts: 'ניסיונות', providerId: 'המזהה ברשת', created: 'נוצרה', scheduled: 'מתוזמנת ל־', sent: 'נשלחה', delivered: 'נמסרה', read: 'נקראה', failed: 'נכשלה', campaign: 'הצגת הקמפיין', contact: 'הצגת איש הקשר', chat: 'הצגת הצ׳אט', retry: 'שליחה חוזרת', retried: 'ההודעה בדרך שוב, כהודעה חדשה.', cancel: 'ביטול ההודעה', cancelled: 'בוטלה. היא לא תישלח.', content: 'תוכן' },
  missing: 'אין הודעה כזו.',
}
