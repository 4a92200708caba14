export default {
  title: 'Catálogos', one: 'Catálogo', all: 'Todos os catálogos', synced: 'Os catálogos estão como a rede os tem agora.', noChannel: 'Nenhum dos canais tem catálogos. Conecte um canal do WhatsApp Cloud ou um simulador.',
  empty: 'A conta não tem catálogo.', emptyHelp: 'Vincule um à conta na rede e depois leia de lá.', selected: 'Em uso', products: '{count} produto | {count} produtos', read: 'Lido {time}', missing: 'Este catálogo não existe.',
  search: 'Buscar por nome ou ID', list: 'Produtos', columns: { name: 'Produto', id: 'ID', brand: 'Marca', availability: 'Disponibilidade', price: 'Preço' }, none: 'Nenhum produto encontrado.', noProducts: 'Este catálogo não tem produtos.',
}
