export default {
  title: 'Agendadas', add: 'Agendar uma mensagem', empty: 'Nenhuma mensagem agendada.', to: 'Para', text: 'Texto', channel: 'Canal', at: 'Sai em', zone: 'No fuso horário do espaço de trabalho: {zone}', past: 'Este horário já passou.', due: 'agora',
  cancel: 'Cancelar', cancelOf: 'Cancelar a mensagem para {name}', cancelled: 'Cancelada. Não será enviada.',
}
