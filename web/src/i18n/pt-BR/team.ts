export default {
  title: 'Equipe',
  tabs: { members: 'Membros', invitations: 'Convites', departments: 'Departamentos', roles: 'Funções' },
  members: 'Membros',
  alone: 'Ainda não há mais ninguém aqui. Convide quem atende com você.',
  you: 'Você',
  never: 'Ainda não entrou',
  seen: 'Entrou {time}',
  off: 'Desativado',
  role: 'Função de {name}',
  more: 'Mais opções de {name}',
  roles: { owner: 'Proprietário', admin: 'Administrador', agent: 'Atendente', key: 'Programa' },
  about: {
    owner: 'Pode fazer tudo, e só ele gerencia proprietários.',
    admin: 'Pode fazer tudo o que um proprietário pode, menos alterar ou remover proprietários.',
    agent: 'Responde conversas, cuida de contatos e tickets, e vê modelos, campanhas e canais.',
  },
  rights: 'O que esta função pode fazer',
  acts: { invite: 'Convidar alguém', disable: 'Desativar', enable: 'Ativar', password: 'Definir nova senha', factor: 'Remover a verificação em duas etapas', remove: 'Remover da equipe' },
  done: {
    role: '{name} agora tem a função {role}.', disabled: '{name} foi desativado: sessões e chaves de API param.', enabled: '{name} foi ativado.', password: 'A senha de {name} foi definida.', factor: '{name} agora entra sem a verificação em duas etapas.', removed: '{name} foi removido.',
  },
  removeAsk: { title: 'Remover {name}?', details: 'As sessões terminam e as chaves de API que criou param na hora. Conversas, notas e o que mais criou ficam.', act: 'Remover {name}' },
  factorAsk: { title: 'Remover a verificação em duas etapas de {name}?', details: 'Para quem perdeu o celular e os códigos de recuperação. A partir de agora, basta a senha para entrar.', act: 'Remover a verificação' },
  passwordAsk: { title: 'Nova senha para {name}', details: 'Todas as sessões de {name} terminam. Entregue a senha de forma segura.', act: 'Definir senha' },
  invite: {
    title: 'Convidar alguém', email: 'E-mail', role: 'Função', act: 'Criar convite', done: 'Entregue este link a {email}. Ele só aparece agora e vale por sete dias.', link: 'Link do convite', copy: 'Copiar link',
    none: 'Nenhum convite em aberto.', expires: 'Vale até {time}', expired: 'Expirou', withdraw: 'Cancelar o convite de {email}', withdrawn: 'O convite de {email} foi cancelado.',
  },
  departments: { none: 'Nenhum departamento ainda. Os tickets vão para departamentos.', name: 'Nome do departamento', add: 'Adicionar', rename: 'Renomear {name}', remove: 'Excluir {name}', added: '{name} foi adicionado.', renamed: 'Renomeado.', removed: '{name} foi excluído.', removeAsk: 'Os tickets deste departamento ficam, sem departamento.' },
  join: {
    title: 'Entrar na equipe', about: 'Escolha uma senha e pronto.', act: 'Entrar', done: 'Tudo certo. Entre com sua nova senha.', missing: 'Este endereço não contém um convite. Abra o link completo que você recebeu.', gone: 'Este convite não vale mais. Peça um novo.',
  },
}
