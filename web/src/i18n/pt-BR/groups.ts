export default {
  title: 'Grupos', all: 'Todos os grupos', groups: 'Grupos', newsletters: 'Canais de transmissão', add: 'Novo grupo', made: 'O grupo foi criado.', refresh: 'Atualizar grupos pela rede', refreshed: 'A lista está como a rede a tem agora.',
  name: 'Nome', description: 'Descrição', people: 'Pessoas', writes: 'Quem escreve', members: '{count} pessoa | {count} pessoas', admins: 'Administradores', everybody: 'Todos',
  noChannel: 'Nenhum dos canais tem grupos.', empty: 'Este canal não está em nenhum grupo.', noNewsletters: 'Este canal não tem canais de transmissão.', missing: 'Este grupo não existe.',
  numbers: 'Números com código do país', numbersHelp: 'Um por linha ou separados por vírgulas: {count} número | Um por linha ou separados por vírgulas: {count} números', addPeople: 'Adicionar', added: 'Adicionado.', remove: 'Remover do grupo', removed: 'Removido.',
  admin: 'Administrador', promote: 'Tornar administrador', promoted: 'Agora é administrador.', demote: 'Tirar de administrador', demoted: 'Não é mais administrador.', more: 'Mais opções de {name}',
  onlyAdmins: 'Só administradores escrevem aqui.', allWrite: 'Todos os participantes podem escrever.', rename: 'Nome e descrição', save: 'Salvar grupo', saved: 'Salvo.',
  link: 'Link de convite', showLink: 'Mostrar o link', revoke: 'Gerar um novo link', revoked: 'O link antigo não funciona mais.', requests: 'Pedidos para entrar', showRequests: 'Mostrar os pedidos', noRequests: 'Nenhum pedido.', letIn: 'Aceitar',
  leave: 'Sair do grupo', left: 'O canal saiu do grupo.', leaveAsk: { title: 'Sair de “{name}”?', details: 'O canal não recebe mais nada do grupo. Para voltar, alguém precisa adicioná-lo.' },
}
