export default {
  title: 'יומן ביקורת',
  list: 'מי עשה מה',
  export: 'ייצוא ל־CSV',
  exported: 'היומן נשמר.',
  columns: { who: 'מי', what: 'מה', target: 'על מה', from: 'מאיפה', when: 'מתי' },
  filters: { open: 'מסננים', action: 'פעולה', actor: 'מי', target: 'על מה', from: 'מתאריך', until: 'עד תאריך', subject: 'רשומות', any: 'כל פעולה', withAction: 'של הפעולה {name}', byActor: 'מאת {name}', onTarget: 'על {name}', since: 'מאז {time}', before: 'עד {time}' },
  empty: 'עדיין לא השתנה דבר.',
  none: 'לא נמצאו רשומות מתאימות.',
  detail: 'רשומה',
  data: 'מה השתנה',
  address: 'כתובת',
  noData: 'לא נשמרו פרטים נוספים.',
}
