export default {
  title: 'Agendadas', add: 'Agendar uma mensagem', empty: 'Nenhuma mensagem agendada.', to: 'Para', text: 'Texto', channel: 'Canal', at: 'Sai em', due: 'agora',
  cancel: 'Cancelar', cancelOf: 'Cancelar a mensagem para {name}', cancelled: 'Cancelada. Não será enviada.',
}
