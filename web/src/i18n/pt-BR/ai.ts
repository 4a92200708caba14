export default {
  title: 'Respostas por IA', about: 'O endpoint que o passo “Deixar uma IA responder” consulta: qualquer um que fale o chat completions da OpenAI. Até você definir um, nada é enviado a lugar nenhum.',
  baseUrl: 'Endereço', baseUrlHelp: 'Até onde segue /chat/completions.', key: 'Chave', keyKept: 'Há uma chave guardada. Ela fica enquanto o endereço leva ao mesmo lugar.', model: 'Modelo',
  perChatDay: 'Chamadas por conversa e dia', perDay: 'Chamadas de todas as conversas por dia', timeoutSeconds: 'Segundos de espera por uma resposta', maxTokens: 'Máximo de tokens por resposta',
  priceIn: 'Preço de um milhão de tokens enviados', priceOut: 'Preço de um milhão de tokens recebidos', currency: 'Moeda', jsonMode: 'Modo JSON', save: 'Salvar endpoint', saved: 'O endpoint foi salvo.',
  test: 'Testar', works: 'O endpoint responde, em {time} ms.', remove: 'Remover', removed: 'O endpoint foi removido. Nada mais é consultado.',
  knowledge: {
    title: 'Páginas e arquivos para respostas por IA', about: 'As respostas por IA são feitas destes. São cortados em trechos; um título (# Preços) dá nome aos seus.', passages: '{count} trechos', none: 'Nada ainda.',
    add: 'Escrever uma página', upload: 'Enviar arquivos', name: 'Nome', text: 'Texto', textHelp: 'Texto simples ou Markdown.', save: 'Salvar página', cancel: 'Cancelar', saved: 'Salvo.', change: 'Alterar {name}', delete: 'Excluir {name}', deleted: 'Excluído.',
  },
  usage: { title: 'Respostas por IA em 30 dias', sums: '{calls} chamadas, {answers} respostas, {suggestions} sugestões, {handOvers} passadas a uma pessoa', tokens: '{into} tokens enviados, {out} recebidos: {cost}' },
}
