export default {
  title: 'Relatórios',
  span: { label: 'Dias', last: 'Último dia | Últimos {count} dias' },
  by: { label: 'Por', day: 'Dia', profile: 'Canal', template: 'Modelo', tag: 'Etiqueta', campaign: 'Campanha', category: 'Categoria', status: 'Status' },
  channel: 'Canal', anyChannel: 'Todos os canais', days: 'Os dias são em UTC.',
  cards: { received: 'Recebidas', sent: 'Enviadas', delivered: 'Entregues', read: 'Lidas', failed: 'Falhas', pending: 'Na fila' },
  ofSent: '{share} das enviadas', ofOut: '{share} de tudo o que saiu',
  chart: 'Mensagens por dia', table: 'O mesmo em tabela', in: 'Recebidas', out: 'Enviadas',
  columns: { name: 'Nome', received: 'Recebidas', sent: 'Enviadas', delivered: 'Entregues', read: 'Lidas', failed: 'Falhas', skipped: 'De fora', pending: 'Na fila' },
  empty: 'Nada foi enviado nem recebido neste período.',
  none: 'Nenhum',
  channels: 'Canais',
  responses: {
    title: 'Tempos de resposta', about: 'Quanto tempo as pessoas esperaram pela resposta de uma pessoa. O que automações e campanhas enviam não conta.', none: 'Ninguém escreveu neste período.',
    by: { agent: 'Agente', team: 'Equipe', profile: 'Canal', day: 'Dia' }, first: 'Primeira resposta', all: 'Todas as respostas', count: 'Número', median: 'Mediana', p90: '90 % em até',
    waiting: 'Esperando', unanswered: 'Sem resposta', together: 'Total', nobody: 'Ninguém', noTeam: 'Sem equipe', phone: 'No telefone', program: 'Programa', gone: 'Membro removido',
  },
  requests: { title: 'Requisições às APIs', none: 'Nenhum programa fez chamadas neste período.', call: 'Chamada', api: 'API', count: 'Chamadas' },
}
