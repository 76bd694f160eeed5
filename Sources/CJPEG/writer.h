// Encodes a JPEG from the samples of its components.
#pragma once

typedef struct {
    /// Rows of whole blocks, `stride` bytes apart.
    const unsigned char *samples;
    size_t stride;
    int rows;
} MultiresJPEGPlane;

typedef struct {
    struct jpeg_compress_struct jpeg;
    MultiresJPEGError error;
    struct jpeg_destination_mgr destination;
    /// The file so far. Not libjpeg's own destination in memory, which does not tell where its buffer is
    /// after an error.
    unsigned char *bytes;
    size_t capacity;
} MultiresJPEGWriter;

static inline void multires_jpeg_destination_start(j_compress_ptr jpeg) {
    MultiresJPEGWriter *writer = (MultiresJPEGWriter *)jpeg;
    // A guess that most files stay below, and far less than the samples.
    writer->capacity = 4096 + (size_t)jpeg->image_width * jpeg->image_height / 4;
    writer->bytes = (unsigned char *)malloc(writer->capacity);
    if (!writer->bytes) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    writer->destination.next_output_byte = writer->bytes;
    writer->destination.free_in_buffer = writer->capacity;
}

static inline boolean multires_jpeg_destination_grow(j_compress_ptr jpeg) {
    MultiresJPEGWriter *writer = (MultiresJPEGWriter *)jpeg;
    unsigned char *bytes = (unsigned char *)realloc(writer->bytes, writer->capacity * 2);
    if (!bytes) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    writer->bytes = bytes;
    writer->destination.next_output_byte = bytes + writer->capacity;
    writer->destination.free_in_buffer = writer->capacity;
    writer->capacity *= 2;
    return TRUE;
}

static inline void multires_jpeg_destination_end(j_compress_ptr jpeg) {}

/// Encodes one plane as grey, or three as YCbCr. `sampling` is how many samples of luma each sample of chroma
/// has in both directions: 1 (4:4:4) or 2 (4:2:0). After its last row, a plane repeats it.
///
/// `writer` is zeroed memory, which `multires_jpeg_release` must release, whatever this returns.
MULTIRES_JPEG_CALL multires_jpeg_write(
    MultiresJPEGWriter *writer, const MultiresJPEGPlane *planes, int count, int sampling,
    int width, int height, int quality) {
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    jpeg->err = multires_jpeg_error(&writer->error);
    if (setjmp(writer->error.call)) return -1;
    jpeg_create_compress(jpeg);
    writer->destination = (struct jpeg_destination_mgr){
        .init_destination = multires_jpeg_destination_start,
        .empty_output_buffer = multires_jpeg_destination_grow,
        .term_destination = multires_jpeg_destination_end,
    };
    jpeg->dest = &writer->destination;
    jpeg->image_width = (JDIMENSION)width;
    jpeg->image_height = (JDIMENSION)height;
    jpeg->input_components = count;
    jpeg->in_color_space = count == 3 ? JCS_YCbCr : JCS_GRAYSCALE;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = sampling;
    jpeg->raw_data_in = TRUE;
    jpeg_start_compress(jpeg, TRUE);
    JSAMPROW rows[3][2 * DCTSIZE];
    JSAMPARRAY components[3] = {rows[0], rows[1], rows[2]};
    for (int mcu = 0; jpeg->next_scanline < jpeg->image_height; mcu++) {
        for (int component = 0; component < count; component++) {
            const MultiresJPEGPlane *plane = &planes[component];
            int lines = jpeg->comp_info[component].v_samp_factor * DCTSIZE;
            for (int row = 0; row < lines; row++) {
                int y = mcu * lines + row;
                if (y >= plane->rows) y = plane->rows - 1;
                rows[component][row] = (JSAMPROW)plane->samples + (size_t)y * plane->stride;
            }
        }
        jpeg_write_raw_data(jpeg, components, (JDIMENSION)(sampling * DCTSIZE));
    }
    jpeg_finish_compress(jpeg);
    return 0;
}

/// The bytes of the encoded file in `writer->bytes`.
static inline size_t multires_jpeg_count(const MultiresJPEGWriter *writer) {
    return writer->capacity - writer->destination.free_in_buffer;
}

static inline void multires_jpeg_release(MultiresJPEGWriter *writer) {
    jpeg_destroy_compress(&writer->jpeg);
    free(writer->bytes);
}
