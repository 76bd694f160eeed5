// Decodes a JPEG to the samples of its components: without upsampling and without conversion to RGB.
#pragma once
#include <unistd.h>

enum {
    /// The bytes of a file that are read at once. libjpeg's fast Huffman decoder runs only while the buffer has
    /// 512 bytes for each block of the next MCU; with 4 KB, as in libvips, decoding takes 7 % longer.
    MULTIRES_JPEG_BUFFER = 256 << 10,
};

typedef struct {
    struct jpeg_decompress_struct jpeg;
    MultiresJPEGError error;
    struct jpeg_source_mgr source;
    /// A file descriptor, or -1 if all bytes are in memory.
    int file;
    JOCTET *buffer;
    int hasEnded;
} MultiresJPEGReader;

static inline void multires_jpeg_source_unused(j_decompress_ptr jpeg) {}

/// After the last byte, it gives one end marker. So a file that lacks only its end marker is complete; in a
/// file that ends in a scan, libjpeg misses blocks, and in one that ends in a table, the marker is not enough.
static inline boolean multires_jpeg_source_fill(j_decompress_ptr jpeg) {
    static const JOCTET end[] = {0xFF, JPEG_EOI};
    MultiresJPEGReader *reader = (MultiresJPEGReader *)jpeg;
    ssize_t count =
        reader->file < 0 ? 0 : read(reader->file, reader->buffer, MULTIRES_JPEG_BUFFER);
    if (count < 0) ERREXIT(jpeg, JERR_FILE_READ);
    if (!count && reader->hasEnded) ERREXIT(jpeg, JERR_INPUT_EOF);
    reader->hasEnded = !count;
    reader->source.next_input_byte = count ? reader->buffer : end;
    reader->source.bytes_in_buffer = count ? (size_t)count : sizeof end;
    return TRUE;
}

static inline void multires_jpeg_source_skip(j_decompress_ptr jpeg, long count) {
    struct jpeg_source_mgr *source = jpeg->src;
    while (count > (long)source->bytes_in_buffer) {
        count -= (long)source->bytes_in_buffer;
        source->fill_input_buffer(jpeg);
    }
    if (count <= 0) return;
    source->next_input_byte += count;
    source->bytes_in_buffer -= (size_t)count;
}

/// Reads the header. `reader` is zeroed memory, which `multires_jpeg_close` must release, whatever this
/// returns.
///
/// Reads from the descriptor `file`, or if it is negative, from `bytes`. Both must stay until the end.
MULTIRES_JPEG_CALL multires_jpeg_open(
    MultiresJPEGReader *reader, int file, const unsigned char *bytes, size_t count) {
    reader->jpeg.err = multires_jpeg_error(&reader->error);
    if (setjmp(reader->error.call)) return -1;
    jpeg_create_decompress(&reader->jpeg);
    reader->file = file;
    if (file >= 0)
        reader->buffer = (JOCTET *)reader->jpeg.mem->alloc_large(
            (j_common_ptr)&reader->jpeg, JPOOL_PERMANENT, MULTIRES_JPEG_BUFFER);
    reader->source = (struct jpeg_source_mgr){
        .next_input_byte = bytes,
        .bytes_in_buffer = file < 0 ? count : 0,
        .init_source = multires_jpeg_source_unused,
        .fill_input_buffer = multires_jpeg_source_fill,
        .skip_input_data = multires_jpeg_source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = multires_jpeg_source_unused,
    };
    reader->jpeg.src = &reader->source;
    jpeg_read_header(&reader->jpeg, TRUE);
    return 0;
}

/// Begins decoding. Reads all scans of a file that has several.
///
/// `shrink` is 1, 2, 4 or 8: width and height of each component are divided by it.
MULTIRES_JPEG_CALL multires_jpeg_start(MultiresJPEGReader *reader, int shrink) {
    if (setjmp(reader->error.call)) return -1;
    reader->jpeg.raw_data_out = TRUE;
    reader->jpeg.out_color_space = reader->jpeg.jpeg_color_space;
    reader->jpeg.scale_num = 1;
    reader->jpeg.scale_denom = (unsigned)shrink;
    jpeg_start_decompress(&reader->jpeg);
    return 0;
}

/// Decodes one row of MCUs. `planes` has, for each component, the addresses of its rows: the vertical sampling
/// factor times the scaled size of a block. A row has room for all blocks of the component's width.
MULTIRES_JPEG_CALL multires_jpeg_read(MultiresJPEGReader *reader, JSAMPARRAY *planes) {
    if (setjmp(reader->error.call)) return -1;
    jpeg_read_raw_data(
        &reader->jpeg, planes,
        (JDIMENSION)(reader->jpeg.max_v_samp_factor * reader->jpeg.min_DCT_scaled_size));
    return 0;
}

/// Reads the rest of the file.
MULTIRES_JPEG_CALL multires_jpeg_finish(MultiresJPEGReader *reader) {
    if (setjmp(reader->error.call)) return -1;
    jpeg_finish_decompress(&reader->jpeg);
    return 0;
}

/// The sampling factors and sizes of a component.
static inline const jpeg_component_info *multires_jpeg_component(
    const MultiresJPEGReader *reader, int index) {
    return &reader->jpeg.comp_info[index];
}

static inline void multires_jpeg_close(MultiresJPEGReader *reader) {
    jpeg_destroy_decompress(&reader->jpeg);
}
