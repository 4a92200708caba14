export default {
  title: 'Tickets', all: 'Todos os tickets', add: 'Novo ticket', open: 'Abrir ticket', edit: 'Editar ticket', save: 'Salvar ticket', saved: 'Salvo.', search: 'Buscar por assunto',
  subject: 'Assunto', body: 'Do que se trata', status: 'Status', priority: 'Prioridade', department: 'Departamento', assignee: 'Atribuído a', nobody: 'Ninguém', opened: 'Aberto', since: 'Aberto {time}',
  statuses: { open: 'Aberto', pending: 'Pendente', answered: 'Respondido', closed: 'Fechado' },
  priorities: { low: 'Baixa', medium: 'Média', high: 'Alta', urgent: 'Urgente' },
  filters: { anyStatus: 'Qualquer status', anyPriority: 'Qualquer prioridade', anyPerson: 'De qualquer pessoa', inState: 'com status {state}', ofPriority: 'com prioridade {name}', of: 'de {name}', ofNobody: 'sem responsável', matching: 'com “{text}”' },
  empty: 'Nenhum ticket ainda. Registre aqui o que leva mais tempo que uma conversa.', none: 'Nenhum ticket encontrado.', missing: 'Este ticket não existe.',
  replies: 'Respostas', noReplies: 'Ninguém respondeu ainda.', write: 'Escreva uma resposta', answer: 'Responder', answered: 'A resposta foi adicionada.', fromCustomer: 'É o que o cliente disse', customer: 'Cliente',
  delete: 'Excluir ticket', deleted: 'Excluído.', deleteAsk: { title: 'Excluir este ticket?', details: 'As respostas também são excluídas. Não dá para desfazer.' },
}
