// A picture made on the spot, so that nobody has to look for one: a paper that says it is only a sample.

export function samplePicture() {
  const canvas = document.createElement("canvas");
  canvas.width = 800;
  canvas.height = 500;
  const paint = canvas.getContext("2d");
  paint.fillStyle = "#cfe3ee";
  paint.fillRect(0, 0, 800, 500);
  paint.fillStyle = "#1b3a4b";
  paint.font = "bold 52px sans-serif";
  paint.fillText("FOTO CONTOH", 50, 100);
  paint.font = "30px sans-serif";
  paint.fillText("Kartu Keluarga – bukan dokumen asli", 50, 160);
  paint.fillText(`Dibuat ${new Date().toLocaleString("id-ID")}`, 50, 210);
  for (let line = 0; line < 5; line += 1) paint.fillRect(50, 260 + line * 40, 460 - line * 45, 10);
  paint.fillStyle = "#8fb3c7";
  paint.fillRect(590, 250, 160, 200);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
