export default {
  title: 'Visão geral',
  today: 'Hoje',
  quiet: 'Hoje nada foi enviado nem recebido ainda.',
  cards: { received: 'Recebidas', sent: 'Enviadas', delivered: 'Entregues', read: 'Lidas', failed: 'Falhas', waiting: 'Na fila de envio', unanswered: 'Conversas sem resposta' },
  of: '{part} de {whole}', ofOut: '{share} de tudo o que saiu', oldest: 'A mais antiga desde {time}', closing: 'A janela de {count} fecha em breve | As janelas de {count} fecham em breve',
  channels: 'Canais', noChannels: 'Nenhum canal conectado ainda.',
  webhook: 'Este webhook não funciona:',
  failures: 'Por que mensagens falharam hoje', noFailures: 'Nenhuma mensagem falhou hoje.', newest: 'Das 200 falhas mais recentes.',
  campaigns: 'Campanhas em andamento',
}
