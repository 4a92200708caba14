/** The emoji that people write with most, by group, with the words one finds them by. */

export interface EmojiGroup {
  icon: string
  emoji: [string, string][]
}

const parse = (line: string): [string, string][] =>
  line.trim().split(/\s*\|\s*/).map((one) => {
    const [sign = '', ...words] = one.split(' ')
    return [sign, words.join(' ')]
  })

export const EMOJI: EmojiGroup[] = [
  { icon: '😀', emoji: parse('😀 grin happy|😃 smile happy|😄 laugh happy|😁 beam teeth|😆 laugh squint|😅 sweat relief|🤣 rolling laugh|😂 tears joy laugh|🙂 slight smile|🙃 upside down|😉 wink|😊 blush smile|😇 angel halo|🥰 love hearts|😍 heart eyes love|🤩 star wow|😘 kiss|😗 kissing|😋 yum tasty|😛 tongue|😜 wink tongue|🤪 zany crazy|🤑 money|🤗 hug|🤭 giggle oops|🤫 shh quiet|🤔 think hmm|🤐 zip mouth|🤨 eyebrow doubt|😐 neutral|😑 blank|😶 speechless|😏 smirk|😒 unamused|🙄 eye roll|😬 grimace|😌 relieved|😔 sad pensive|😪 sleepy|😴 sleep|😷 mask sick|🤒 ill fever|🤕 hurt|🤢 sick|🥵 hot|🥶 cold|😵 dizzy|🤯 mind blown|🥳 party celebrate|😎 cool sunglasses|🤓 nerd|😕 confused|😟 worried|🙁 frown|😮 wow surprised|😲 astonished|😳 flushed|🥺 please plead|😦 frown open|😨 fear|😰 anxious|😥 sad relieved|😢 cry sad|😭 sob cry|😱 scream|😖 confounded|😣 persevere|😞 disappointed|😓 sweat|😩 weary|😫 tired|😤 triumph huff|😡 angry|😠 angry mad') },
  { icon: '👍', emoji: parse('👍 thumbs up yes ok|👎 thumbs down no|👌 ok perfect|🤌 pinched|✌️ victory peace|🤞 fingers crossed luck|🤟 love you|🤙 call me|👈 left|👉 right|👆 up|👇 down|☝️ one point|✋ stop hand|🤚 back hand|👋 wave hello bye|🙌 hooray praise|👏 clap bravo|🤝 handshake deal|🙏 thanks please pray|✍️ write|💪 strong muscle|🫶 heart hands|👀 eyes look|🧠 brain|👤 person|👥 people|👨‍👩‍👧 family|👶 baby|🧑‍💻 developer|🧑‍🍳 cook|🧑‍⚕️ doctor|🙋 raise hand|🤷 shrug|🤦 facepalm|🙆 ok gesture|🏃 run|💃 dance') },
  { icon: '❤️', emoji: parse('❤️ heart love red|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|🤍 white heart|💔 broken heart|💕 hearts|💖 sparkling heart|💯 hundred perfect|💥 boom|💫 dizzy|⭐ star|🌟 glowing star|✨ sparkles|🔥 fire hot|🎉 party tada|🎊 confetti|🎁 gift present|🎂 cake birthday|🎈 balloon|🏆 trophy win|🥇 gold medal|✅ check done yes|☑️ check|✔️ tick|❌ cross no|❗ important|❓ question|⚠️ warning|🚫 forbidden|⏰ alarm time|⏳ wait hourglass|🔔 bell|💤 sleep|💬 chat|🔒 lock|🔑 key|🆕 new|🆗 ok|🔝 top') },
  { icon: '🐶', emoji: parse('🐶 dog|🐱 cat|🐭 mouse|🐰 rabbit|🦊 fox|🐻 bear|🐼 panda|🐯 tiger|🦁 lion|🐮 cow|🐷 pig|🐸 frog|🐵 monkey|🐔 chicken|🐧 penguin|🐦 bird|🦄 unicorn|🐝 bee|🦋 butterfly|🐢 turtle|🐟 fish|🐬 dolphin|🌹 rose flower|🌷 tulip|🌸 blossom|🌻 sunflower|🌿 herb leaf|🍀 luck clover|🌳 tree|🌴 palm|🌵 cactus|🌍 earth world|🌙 moon|☀️ sun|⛅ cloud|🌧️ rain|⚡ lightning|❄️ snow|🌈 rainbow|🌊 wave sea') },
  { icon: '🍕', emoji: parse('🍎 apple|🍌 banana|🍇 grapes|🍓 strawberry|🍒 cherry|🍑 peach|🥭 mango|🍍 pineapple|🥥 coconut|🥑 avocado|🍅 tomato|🌶️ chili|🥕 carrot|🌽 corn|🍞 bread|🧀 cheese|🥚 egg|🍳 cooking|🍔 burger|🍟 fries|🍕 pizza|🌮 taco|🥗 salad|🍝 pasta|🍜 noodles|🍲 stew|🍛 curry|🍣 sushi|🍚 rice|🍦 ice cream|🍰 cake|🍫 chocolate|🍪 cookie|☕ coffee|🍵 tea|🥤 drink|🍺 beer|🍷 wine|🥂 cheers|🍽️ meal') },
  { icon: '🚚', emoji: parse('🚗 car|🚕 taxi|🚌 bus|🚚 truck delivery|🏍️ motorbike|🚲 bicycle|✈️ plane flight|🚀 rocket|🚢 ship|🏠 house home|🏢 office|🏪 shop store|🏥 hospital|🏫 school|🏖️ beach|🗺️ map|📍 pin place|📱 phone|💻 laptop|⌨️ keyboard|🖨️ printer|📷 camera|📞 call telephone|📧 email|✉️ letter|📦 package box|🛒 cart shop|🛍️ shopping bags|💰 money|💳 card pay|🧾 receipt|💡 idea light|🔧 tool fix|🔨 hammer|📎 clip|📌 pin|✏️ pencil|📝 note|📅 calendar date|📊 chart|📈 up growth|📉 down|📚 books|🎓 graduate|👕 shirt|👗 dress|👟 shoe|👜 bag|💍 ring|⌚ watch|⚽ football|🏀 basketball|🎾 tennis|🎮 game|🎵 music|🎤 microphone|🎬 film') },
]

/** Emoji whose words hold what was typed. */
export function findEmoji(typed: string): [string, string][] {
  const term = typed.trim().toLowerCase()
  return EMOJI.flatMap((group) => group.emoji).filter(([sign, words]) => sign === term || words.includes(term))
}
