// Parse Server's mail adapter of these tests: hands each mail to the mailbox.

module.exports = ({ url }) => ({
  sendMail: ({ to, subject, text }) => fetch(url, { method: 'POST', body: JSON.stringify({ to, subject, text }) }),
});
