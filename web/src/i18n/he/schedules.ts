export default {
  title: 'מתוזמנות', add: 'תזמון הודעה', empty: 'אין הודעות מתוזמנות.', to: 'אל', text: 'טקסט', channel: 'ערוץ', at: 'מועד השליחה', due: 'עכשיו',
  cancel: 'ביטול', cancelOf: 'ביטול ההודעה אל {name}', cancelled: 'בוטלה. היא לא תישלח.',
}
