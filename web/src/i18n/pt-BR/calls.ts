export default {
  title: 'Ligações', search: 'Buscar por número', state: 'Status', anyState: 'Qualquer status', statuses: { ringing: 'Tocando', rejected: 'Recusada', missed: 'Perdida', ended: 'Encerrada' },
  columns: { from: 'Quem ligou', state: 'Status', length: 'Duração', channel: 'Canal', when: 'Quando' }, video: 'Ligação de vídeo',
  empty: 'Ninguém ligou ainda.', none: 'Nenhuma ligação encontrada.', reject: 'Recusar', rejected: 'A ligação foi recusada.',
  settings: { title: 'Como as ligações são atendidas', reject: 'Recusar todas as ligações na hora', rejectHelp: 'Aqui ninguém pode atender.', message: 'O que dizer a quem ligou', messageHelp: 'Enviado como mensagem; vazio: nada.', save: 'Salvar', saved: 'Salvo.' },
}
