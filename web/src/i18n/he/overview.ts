export default {
  title: 'סקירה כללית',
  today: 'היום',
  quiet: 'היום עדיין לא נשלח ולא התקבל דבר.',
  cards: { received: 'התקבלו', sent: 'נשלחו', delivered: 'נמסרו', read: 'נקראו', failed: 'נכשלו', waiting: 'ממתינות לשליחה', unanswered: 'צ׳אטים ללא מענה' },
  of: '{part} מתוך {whole}', ofOut: '{share} מכל מה שיצא', oldest: 'הישנה ביותר מאז {time}', closing: 'חלון אחד עומד להיסגר | שני חלונות עומדים להיסגר | {count} חלונות עומדים להיסגר',
  channels: 'ערוצים', noChannels: 'עדיין לא מחובר ערוץ.',
  webhook: 'ה־webhook הזה אינו פועל:',
  failures: 'למה נכשלו הודעות היום', noFailures: 'היום לא נכשלה אף הודעה.', newest: 'מתוך 200 הכשלים האחרונים.',
  campaigns: 'קמפיינים פעילים',
}
