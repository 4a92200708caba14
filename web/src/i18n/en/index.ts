/** English: complete, and the type of all other languages. */
import auth from './auth'
import campaigns from './campaigns'
import chats from './chats'
import messages from './messages'
import shell from './shell'
import simulator from './simulator'
import ui from './ui'

export default { auth, campaigns, chats, messages, shell, simulator, ui }
