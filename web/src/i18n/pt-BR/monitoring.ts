export default {
  title: 'Mensagens',
  list: 'Mensagens',
  export: 'Exportar',
  columns: { person: 'Pessoa', message: 'Mensagem', state: 'Status', when: 'Quando' },
  filters: {
    open: 'Filtros', subject: 'Mensagens', any: 'Qualquer', status: 'Status', channel: 'Canal', template: 'Modelo', tag: 'Etiqueta', direction: 'Direção', from: 'De', until: 'Até', to: 'Número',
    in: 'Recebidas', out: 'Enviadas por você', isIn: 'recebidas', isOut: 'enviadas', inState: 'com status {state}', onChannel: 'em {name}', ofTemplate: 'do modelo {name}', withTag: 'com a etiqueta {name}', withNumber: 'com {number}', since: 'desde {time}', before: 'até {time}', ofCampaign: 'da campanha {id}',
  },
  empty: 'Nenhuma mensagem ainda. O que você envia e recebe aparece aqui.',
  emptyAct: 'Ir para a caixa de entrada',
  none: 'Nenhuma mensagem encontrada.',
  detail: { title: 'Mensagem', why: 'Por que falhou', remedy: 'O que fazer', provider: 'O que o provedor diz sobre {code}', facts: 'Dados', channel: 'Canal', category: 'Categoria', template: 'Modelo', tag: 'Etiqueta', source: 'Enviada por', attempts: 'Tentativas', providerId: 'ID na rede', created: 'Criada', scheduled: 'Prevista', sent: 'Enviada', delivered: 'Entregue', read: 'Lida', failed: 'Falhou', campaign: 'Mostrar a campanha', contact: 'Mostrar o contato', chat: 'Mostrar a conversa', retry: 'Enviar de novo', retried: 'Está a caminho de novo, como uma nova mensagem.', cancel: 'Cancelar mensagem', cancelled: 'Cancelada. Não será enviada.', content: 'Conteúdo' },
  missing: 'Esta mensagem não existe.',
}
