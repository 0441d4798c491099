/** The dashboard's page. */
export { dashHtml as dashPage } from './page-html.js';
