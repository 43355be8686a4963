// A page with socket.io-client from npm: node socketio_client.js FOLDER URL EVENT TEXT COUNT.
// It emits TEXT as EVENT, and prints each text that it is shown, until there are COUNT of them.
const [folder, url, event, text, count] = process.argv.slice(2);
const { io } = require(require.resolve("socket.io-client", { paths: [folder] }));

const socket = io.connect(url);
let shown = 0;
socket.on("connect_error", (error) => {
  console.log(`refused: ${error.message}`);
  process.exit(1);
});
socket.on("message", (line) => {
  console.log(line);
  shown += 1;
  if (shown === Number(count)) {
    socket.close();
  }
});
socket.on("connect", () => socket.emit(event, text));
