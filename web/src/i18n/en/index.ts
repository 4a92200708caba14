/** English: complete, and the type of all other languages. */
import auth from './auth'
import chats from './chats'
import messages from './messages'
import shell from './shell'
import simulator from './simulator'
import ui from './ui'

export default { auth, chats, messages, shell, simulator, ui }
