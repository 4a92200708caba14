export default {
  title: 'Registro de auditoria',
  list: 'Quem fez o quê',
  export: 'Exportar em CSV',
  exported: 'O registro foi salvo.',
  columns: { who: 'Quem', what: 'O quê', target: 'Em', from: 'Origem', when: 'Quando' },
  filters: { open: 'Filtros', action: 'Ação', actor: 'Quem', target: 'Em', from: 'De', until: 'Até', subject: 'Registros', any: 'Qualquer ação', withAction: 'da ação {name}', byActor: 'de {name}', onTarget: 'em {name}', since: 'desde {time}', before: 'até {time}' },
  empty: 'Nada foi alterado ainda.',
  none: 'Nenhum registro encontrado.',
  detail: 'Registro',
  data: 'O que mudou',
  address: 'Endereço',
  noData: 'Não há mais detalhes guardados.',
}
