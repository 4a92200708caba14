import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts', '*.d.ts', 'scripts', 'public'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, sourceType: 'module' } },
  },
  {
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^toLocale(Date|Time)?String$/]',
          message: 'Use src/format: it knows the language and the time zone of the workspace.',
        },
        {
          // What stands left of the await is read before it: what a person typed meanwhile would be lost.
          selector: 'AssignmentExpression > ObjectExpression AwaitExpression, AssignmentExpression > ArrayExpression AwaitExpression, AssignmentExpression[left.object.type="MemberExpression"] > AwaitExpression, AssignmentExpression[left.object.type="MemberExpression"] > MemberExpression > AwaitExpression',
          message: 'Await first, into a constant: the state is read before the wait and would be written back stale.',
        },
      ],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      // Texts live in src/i18n.
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '+', '–', '/', '#', '@', ':', '%', '…', '(', ')', '×'] }],
    },
  },
  {
    // State, live store and formatting outlive every component library.
    files: ['src/api/**', 'src/format/**', 'src/i18n/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@nuxt/ui*', '@/ui/*', 'reka-ui*'] }] },
  },
)
