export default {
  title: 'Sign in to Jackfield',
  email: 'E-mail address',
  password: 'Password',
  show: 'Show password',
  hide: 'Hide password',
  act: 'Sign in',
  expired: 'Your session has ended. Sign in again to go on.',
  wrong: 'The e-mail address or the password is wrong.',
  missingEmail: 'Write your e-mail address.',
  missingPassword: 'Write your password.',
  tooMany: 'Too many attempts. Wait a minute, then try again.',
  forgot: 'Forgot your password? An owner of the workspace can set a new one for you.',
}
