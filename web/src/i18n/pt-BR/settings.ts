export default {
  title: 'Configurações',
  workspace: { title: 'Espaço de trabalho', name: 'Nome', channel: 'Canal padrão', channelHelp: 'Usado quando um programa ou uma pessoa não indica o canal.', none: 'Nenhum', save: 'Salvar espaço de trabalho', saved: 'O espaço de trabalho foi salvo.', readOnly: 'Só quem pode alterar o espaço de trabalho pode mudar isto.' },
  cap: { title: 'Marketing', on: 'Limitar quanto marketing uma pessoa recebe', help: 'Campanhas, sequências e envios avulsos contam juntos, em todos os canais. Campanhas deixam de fora quem já recebeu o bastante; sequências esperam.', messages: 'Mensagens, no máximo', days: 'Em quantos dias', save: 'Salvar limite', saved: 'Salvo.' },
  safety: { title: 'Segurança', factor: 'Exigir verificação em duas etapas de todos', factorHelp: 'Membros sem ela não podem fazer nada até ativá-la.', saved: 'Salvo.', own: 'Ative primeiro a sua própria verificação em duas etapas.' },
}
