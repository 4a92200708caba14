export default {
  title: 'קטלוגים', one: 'קטלוג', all: 'כל הקטלוגים', synced: 'הקטלוגים מעודכנים לפי הרשת.', noChannel: 'לאף ערוץ אין קטלוגים. חברו ערוץ WhatsApp Cloud או סימולטור.',
  empty: 'לחשבון אין קטלוג.', emptyHelp: 'קשרו קטלוג לחשבון ברשת, ואז קראו אותו משם.', selected: 'בשימוש', products: 'מוצר אחד | שני מוצרים | {count} מוצרים', read: 'נקרא {time}', missing: 'אין קטלוג כזה.',
  search: 'חיפוש לפי שם או מזהה', list: 'מוצרים', columns: { name: 'מוצר', id: 'מזהה', brand: 'מותג', availability: 'זמינות', price: 'מחיר' }, none: 'לא נמצאו מוצרים מתאימים.', noProducts: 'בקטלוג הזה אין מוצרים.',
}
