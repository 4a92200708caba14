export default {
  title: 'תשובות בינה מלאכותית', about: 'נקודת הקצה שהצעד „לתת לבינה מלאכותית לענות” פונה אליה: כל אחת שמדברת chat completions של OpenAI. עד שתגדירו אחת, דבר אינו נשלח לשום מקום.',
  baseUrl: 'כתובת', baseUrlHelp: 'עד המקום שאחריו בא ‎/chat/completions.', key: 'מפתח', keyKept: 'מפתח שמור. הוא נשאר כל עוד הכתובת מובילה לאותו מקום.', model: 'מודל',
  perChatDay: 'פניות לשיחה ביום', perDay: 'פניות של כל השיחות ביום', timeoutSeconds: 'שניות המתנה לתשובה', maxTokens: 'אסימונים לתשובה לכל היותר',
  priceIn: 'מחיר מיליון אסימונים שנשלחים', priceOut: 'מחיר מיליון אסימונים שמתקבלים', currency: 'מטבע', jsonMode: 'מצב JSON', save: 'שמירת נקודת הקצה', saved: 'נקודת הקצה נשמרה.',
  test: 'בדיקה', works: 'נקודת הקצה עונה, תוך {time} אלפיות שנייה.', remove: 'הסרה', removed: 'נקודת הקצה הוסרה. אין פונים עוד לאיש.',
  knowledge: {
    title: 'דפים וקבצים לתשובות בינה מלאכותית', about: 'מהם נעשות התשובות. הם נחתכים לקטעים; כותרת (‎# מחירים) נותנת שם לקטעיה.', passages: '{count} קטעים', none: 'עדיין אין דבר.',
    add: 'כתיבת דף', upload: 'העלאת קבצים', name: 'שם', text: 'טקסט', textHelp: 'טקסט פשוט או Markdown.', save: 'שמירת הדף', cancel: 'ביטול', saved: 'נשמר.', change: 'שינוי {name}', delete: 'מחיקת {name}', deleted: 'נמחק.',
  },
  usage: { title: 'תשובות בינה מלאכותית ב־30 יום', sums: '{calls} פניות, {answers} תשובות, {suggestions} הצעות, {handOvers} הועברו לאדם', tokens: '{into} אסימונים נשלחו, {out} התקבלו: {cost}' },
}
